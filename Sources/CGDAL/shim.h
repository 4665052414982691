#pragma once
#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_minixml.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <gdal_utils.h>
#include <gdalwarper.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <sys/stat.h>

/// `VSIStatL` with a structure that Swift can see: `struct stat64` hides behind a macro that its Glibc module does
/// not define, and is the same as `struct stat` wherever a file offset has 64 bits without it.
static inline int cgdal_stat(const char *path, struct stat *status) {
  _Static_assert(sizeof(long) == 8, "struct stat is struct stat64 on 64-bit systems alone");
  return VSIStatL(path, (VSIStatBufL *)status);
}
