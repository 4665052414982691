#pragma once
#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_minixml.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <cpl_vsi_error.h>
#include <gdal.h>
#include <gdal_alg.h>
#include <gdal_utils.h>
#include <gdalwarper.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/// Calls `VSIStatL` with a structure that is visible to Swift.
///
/// `struct stat64` is hidden behind a macro that Swift's Glibc module does not define. It is the same as `struct stat`
/// wherever a file offset has 64 bits by default.
static inline int cgdal_stat(const char *path, struct stat *status) {
  _Static_assert(sizeof(long) == 8, "struct stat equals struct stat64 only on 64-bit systems");
  return VSIStatL(path, (VSIStatBufL *)status);
}

/// Gets the status of a local file for a GDAL file system; written in C because `VSIStatBufL` is not visible to Swift.
static inline int cgdal_local_stat(void *data, const char *path, VSIStatBufL *status, int flags) {
  (void)data, (void)flags;
  return stat(path, (struct stat *)status);
}

/// Removes a local file for a GDAL file system.
static inline int cgdal_local_unlink(void *data, const char *path) {
  (void)data;
  return unlink(path);
}

/// Renames a local file for a GDAL file system.
static inline int cgdal_local_rename(void *data, const char *source, const char *destination) {
  (void)data;
  return rename(source, destination);
}

/// Makes a GDAL file system find, remove and rename local files by their own paths.
static inline void cgdal_use_local_files(VSIFilesystemPluginCallbacksStruct *callbacks) {
  callbacks->stat = cgdal_local_stat;
  callbacks->unlink = cgdal_local_unlink;
  callbacks->rename = cgdal_local_rename;
}
