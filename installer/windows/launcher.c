/* kian.exe (window) and kian.com (terminal): loads python311.dll beside it and runs app\main.py.
 *
 * `kian` typed in a terminal finds kian.com first (PATHEXT), which waits and prints; the Start menu opens
 * kian.exe, which shows no console. Both are this file; kian.com is compiled with -DTERMINAL.
 * Nothing is decided here but whether the processor can run the program at all.
 */
#include <cpuid.h>
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#define PATH_CHARS 32768
#define EXIT_BROKEN 6
#define EXIT_CPU 5

typedef int (*PyMain)(int, wchar_t **);

static const wchar_t NO_CPU[] =
    L"この端末のCPUは、起案の部品が使う命令（SSE4.2）に対応していないため、起案は動きません。\n"
    L"2011年ごろより新しいCPU（Intel Core i シリーズ、AMD FX 以降など）の端末でお使いください。\n"
    L"（終了コード 5）\n";
static const wchar_t NO_PYTHON[] =
    L"起案のファイルが足りないか、壊れています。情報システムの担当へご連絡ください。\n"
    L"担当の方は、もう一度インストールしてください。（終了コード 6）\n";

static void tell(const wchar_t *text) {
#ifdef TERMINAL
    HANDLE out = GetStdHandle(STD_ERROR_HANDLE);
    DWORD done, mode;
    if (GetConsoleMode(out, &mode)) {
        WriteConsoleW(out, text, (DWORD)wcslen(text), &done, NULL);
    } else {
        char utf8[2048];
        int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL);
        if (size > 1) WriteFile(out, utf8, (DWORD)size - 1, &done, NULL);
    }
#else
    MessageBoxW(NULL, text, L"起案", MB_OK | MB_ICONERROR);
#endif
}

/* x86-64-v2, the least that Python's packages were compiled for. What more there is, the engine finds out. */
static int has_v2(void) {
    const unsigned needed = bit_SSE3 | bit_SSSE3 | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT | bit_CMPXCHG16B;
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & needed) == needed;
}

static int run(int argc, wchar_t **argv) {
    static wchar_t me[PATH_CHARS], library[PATH_CHARS], program[PATH_CHARS];
    if (!has_v2()) {
        tell(NO_CPU);
        return EXIT_CPU;
    }
    DWORD length = GetModuleFileNameW(NULL, me, PATH_CHARS);
    wchar_t *slash = wcsrchr(me, L'\\');
    if (length == 0 || length >= PATH_CHARS - 32 || slash == NULL) {
        tell(NO_PYTHON);
        return EXIT_BROKEN;
    }
    size_t folder = (size_t)(slash - me) + 1;
    wmemcpy(library, me, folder);
    wcscpy(library + folder, L"python311.dll");
    wmemcpy(program, me, folder);
    wcscpy(program + folder, L"app\\main.py");
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DEFAULT_DIRS); /* no DLL from the current folder */
    HMODULE python = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
    PyMain py_main = python ? (PyMain)(void *)GetProcAddress(python, "Py_Main") : NULL;
    wchar_t **args = (wchar_t **)LocalAlloc(LPTR, (size_t)(argc + 8) * sizeof *args);
    if (py_main == NULL || args == NULL) {
        tell(NO_PYTHON);
        return EXIT_BROKEN;
    }
    int count = 0;
    args[count++] = me;
    args[count++] = L"-I"; /* no environment variable and no folder of the person changes what is run */
    args[count++] = L"-X";
    args[count++] = L"utf8";
    args[count++] = program;
    for (int index = 1; index < argc; index++) args[count++] = argv[index];
    return py_main(count, args);
}

#ifdef TERMINAL
int wmain(int argc, wchar_t **argv) { return run(argc, argv); }
#else
int WINAPI wWinMain(HINSTANCE instance, HINSTANCE previous, LPWSTR line, int show) {
    (void)instance, (void)previous, (void)line, (void)show;
    int argc;
    wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
    return argv ? run(argc, argv) : EXIT_BROKEN;
}
#endif
