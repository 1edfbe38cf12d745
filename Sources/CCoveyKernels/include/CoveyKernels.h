// The loops of Covey that are worth writing in C. Each header says what its loops compute.
#ifndef COVEY_KERNELS_H
#define COVEY_KERNELS_H
#include "component_tree.h"
#include "deviates.h"
#include "instruction_level.h"
#include "map_counts.h"
#include "node_order.h"
#include "process_usage.h"
#include "shuffle_kernels.h"
#include "smoothing.h"
#include "voxel_codec.h"
#include "voxelwise.h"
#include "welch.h"
#endif
