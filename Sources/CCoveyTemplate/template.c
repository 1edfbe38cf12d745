#include "CoveyTemplate.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t bytes[] = {
#embed "mni152-t1-2mm.nii.gz"
};

size_t covey_template_size(void) { return sizeof bytes; }

uint8_t covey_template_byte(size_t position) {
    return position < sizeof bytes ? bytes[position] : 0;
}
