#define _GNU_SOURCE
#include "CProcess.h"
#include <locale.h>
#include <wchar.h>

int cp_columns(unsigned scalar) {
  static locale_t unicode;  // in the default locale libc knows ASCII alone
  if (!unicode) unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
  if (!unicode) return 1;
  locale_t former = uselocale(unicode);
  int columns = wcwidth((wchar_t)scalar);
  uselocale(former);
  return columns < 0 ? 0 : columns;
}
