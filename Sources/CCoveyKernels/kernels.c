#include "CoveyKernels.h"
