/* checks.dll: what the MSI looks at before it changes anything, told in Japanese in its log and on screen.
 *
 * A refusal here is the exit code 1603 of msiexec, and the version that is there stays whole: nothing was begun.
 */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>
#include <msi.h>
#include <msiquery.h>

#define VALUE_CHARS 32768

static const wchar_t *const IN_USE[] = {L"kian.exe", L"kian.com", L"python311.dll"};

static wchar_t *property(MSIHANDLE install, const wchar_t *name) {
    static wchar_t value[VALUE_CHARS];
    DWORD size = VALUE_CHARS;
    value[0] = 0;
    MsiGetPropertyW(install, name, value, &size);
    return value;
}

static UINT refuse(MSIHANDLE install, const wchar_t *text) {
    MSIHANDLE record = MsiCreateRecord(1);
    MsiRecordSetStringW(record, 0, L"[1]");
    MsiRecordSetStringW(record, 1, text);
    MsiProcessMessage(install, (INSTALLMESSAGE)(INSTALLMESSAGE_ERROR | MB_OK | MB_ICONERROR), record);
    MsiCloseHandle(record);
    return ERROR_INSTALL_FAILURE;
}

/* Whether a program file is running or held open: it cannot be opened alone then. */
static int is_in_use(const wchar_t *folder, const wchar_t *name) {
    wchar_t path[VALUE_CHARS];
    _snwprintf(path, VALUE_CHARS, L"%ls%ls", folder, name);
    HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        CloseHandle(file);
        return 0;
    }
    return GetLastError() == ERROR_SHARING_VIOLATION;
}

static UINT check_place(MSIHANDLE install) {
    wchar_t folder[VALUE_CHARS];
    wcscpy(folder, property(install, L"INSTALLDIR"));
    for (size_t index = 0; index < sizeof IN_USE / sizeof *IN_USE; index++) {
        if (is_in_use(folder, IN_USE[index])) {
            return refuse(install, L"起案が使われているか、そのファイルをほかのプログラムが開いています。起案を終了してから、もう一度お試しください。いまの版はそのまま使えます。");
        }
    }
    return ERROR_SUCCESS;
}

static UINT check_space(MSIHANDLE install) {
    wchar_t folder[VALUE_CHARS], text[256];
    unsigned long long needed = wcstoull(property(install, L"KIANBYTES"), NULL, 10);
    ULARGE_INTEGER free_bytes;
    wcscpy(folder, property(install, L"INSTALLDIR"));
    if (folder[0] && folder[1] == L':') folder[3] = 0; /* its folder need not be there yet, its drive is */
    if (!GetDiskFreeSpaceExW(folder, &free_bytes, NULL, NULL) || free_bytes.QuadPart >= needed) return ERROR_SUCCESS;
    _snwprintf(text, 256, L"空き容量が足りません（必要 約%llu MB、空き 約%llu MB）。空き容量を作ってから、もう一度お試しください。いまの版はそのまま使えます。",
               needed / 1000000, free_bytes.QuadPart / 1000000);
    return refuse(install, text);
}

/* Without this a policy whose share is gone would be left out, and nobody would be told. */
static UINT check_policy(MSIHANDLE install) {
    wchar_t *path = property(install, L"POLICY");
    if (!path[0]) return ERROR_SUCCESS;
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        CloseHandle(file);
        return ERROR_SUCCESS;
    }
    return refuse(install, L"POLICY で指定された管理者設定のファイルを読めません。場所と権限を確かめてください。何も変更していません。");
}

UINT __stdcall CheckMachine(MSIHANDLE install) {
    if (property(install, L"UPGRADINGPRODUCTCODE")[0]) return ERROR_SUCCESS; /* the new version has checked */
    UINT verdict = check_place(install);
    if (verdict != ERROR_SUCCESS || _wcsicmp(property(install, L"REMOVE"), L"ALL") == 0) return verdict;
    verdict = check_space(install);
    return verdict != ERROR_SUCCESS ? verdict : check_policy(install);
}
