#ifndef COVEY_TEMPLATE_H
#define COVEY_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

/* The anatomical template, a gzip-compressed NIfTI-1 file, byte by byte: a caller needs no pointer.
   NOTICE, beside the source, has its copyright. */

size_t covey_template_size(void);

/* The byte at `position`, 0 past the end. */
uint8_t covey_template_byte(size_t position);

#endif
