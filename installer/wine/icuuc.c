/* TEST ONLY, inside a Wine prefix: stands in for Windows' own icuuc.dll, which Wine 10 lacks. Qt asks for
 * these functions when it is loaded; each says that there is no converter, and Qt uses its own. */
#define API __declspec(dllexport)
typedef int UErrorCode;
enum { NOT_FOUND = 2 };

API void *ucnv_open(const char *name, UErrorCode *error) { (void)name; if (error) *error = NOT_FOUND; return 0; }
API void ucnv_close(void *c) { (void)c; }
API void UCNV_FROM_U_CALLBACK_SUBSTITUTE(void) {}
API void UCNV_TO_U_CALLBACK_SUBSTITUTE(void) {}
API void ucnv_reset(void *c) { (void)c; }
API signed char ucnv_getMaxCharSize(void *c) { (void)c; return 1; }
API const char *ucnv_getName(void *c, UErrorCode *error) { (void)c; if (error) *error = NOT_FOUND; return 0; }
API void ucnv_getToUCallBack(void *c, void **a, const void **b) { (void)c, (void)a, (void)b; }
API void ucnv_getFromUCallBack(void *c, void **a, const void **b) { (void)c, (void)a, (void)b; }
API void ucnv_setToUCallBack(void *c, void *n, const void *x, void **a, const void **b, UErrorCode *e) { (void)c, (void)n, (void)x, (void)a, (void)b, (void)e; }
API void ucnv_setFromUCallBack(void *c, void *n, const void *x, void **a, const void **b, UErrorCode *e) { (void)c, (void)n, (void)x, (void)a, (void)b, (void)e; }
API void ucnv_cbToUWriteUChars(void *a, const void *s, int l, int o, UErrorCode *e) { (void)a, (void)s, (void)l, (void)o, (void)e; }
API void ucnv_cbFromUWriteUChars(void *a, const void **s, const void *l, int o, UErrorCode *e) { (void)a, (void)s, (void)l, (void)o, (void)e; }
API void ucnv_toUnicode(void *c, void **t, const void *tl, const char **s, const char *sl, int *o, signed char f, UErrorCode *e) { (void)c, (void)t, (void)tl, (void)s, (void)sl, (void)o, (void)f; if (e) *e = NOT_FOUND; }
API void ucnv_fromUnicode(void *c, char **t, const char *tl, const void **s, const void *sl, int *o, signed char f, UErrorCode *e) { (void)c, (void)t, (void)tl, (void)s, (void)sl, (void)o, (void)f; if (e) *e = NOT_FOUND; }
API int ucnv_toUCountPending(void *c, UErrorCode *e) { (void)c, (void)e; return 0; }
API int ucnv_fromUCountPending(void *c, UErrorCode *e) { (void)c, (void)e; return 0; }
API const char *ucnv_getStandardName(const char *n, const char *s, UErrorCode *e) { (void)n, (void)s; if (e) *e = NOT_FOUND; return 0; }
API const char *ucnv_getAvailableName(int n) { (void)n; return 0; }
API int ucnv_countAvailable(void) { return 0; }
