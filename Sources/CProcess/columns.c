#define _GNU_SOURCE
#include "CProcess.h"
#include <locale.h>
#include <wchar.h>

int cp_columns(unsigned scalar) {
  static locale_t unicode;  // in the default locale, libc supports only ASCII
  if (!unicode) unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
  if (!unicode) return 1;
  locale_t previous = uselocale(unicode);
  int columns = wcwidth((wchar_t)scalar);
  uselocale(previous);
  return columns < 0 ? 0 : columns;
}
