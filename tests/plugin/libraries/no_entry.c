/* A library, and no plug-in. */
int answer(void);
int answer(void) { return 42; }
