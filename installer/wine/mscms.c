/* TEST ONLY, inside a Wine prefix: Qt asks for the screen's colour profile; Wine 10's function aborts. */
#define API __declspec(dllexport)

API void *OpenColorProfileW(void *p, int a, int b, int c) { (void)p, (void)a, (void)b, (void)c; return 0; }
API void *WcsOpenColorProfileW(void *a, void *b, void *c, int d, int e, int f, int g) { (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g; return 0; }
API void *WcsCreateIccProfile(void *h, int o) { (void)h, (void)o; return 0; }
API int CloseColorProfile(void *h) { (void)h; return 1; }
API int GetColorProfileFromHandle(void *h, void *b, void *s) { (void)h, (void)b, (void)s; return 0; }
API int GetColorDirectoryW(void *a, void *b, void *c) { (void)a, (void)b, (void)c; return 0; }
API int WcsGetDefaultColorProfileSize(int a, void *b, int c, int d, int e, void *f) { (void)a, (void)b, (void)c, (void)d, (void)e, (void)f; return 0; }
API int WcsGetDefaultColorProfile(int a, void *b, int c, int d, int e, int f, void *g) { (void)a, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g; return 0; }
