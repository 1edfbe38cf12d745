#!/usr/bin/env python3
"""Makes Sources/CCoveyTemplate/mni152-t1-2mm.nii.gz, the background of the slice figures.

Needs the packages nilearn (whose wheel carries the ICBM 2009a nonlinear symmetric T1 average, brain
only, 1 mm), nibabel and numpy, from PyPI. Every second voxel is kept along each axis, in RAS order, as
8-bit grey; 0 is outside the brain, and a dark voxel inside is at least 1. Same input, same bytes.
"""

import gzip
import importlib.util
import pathlib

import nibabel
import numpy

SOURCE = "datasets/data/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"
TARGET = pathlib.Path(__file__).resolve().parent.parent / "Sources/CCoveyTemplate/mni152-t1-2mm.nii.gz"
STEP = 2


def main():
    package = pathlib.Path(importlib.util.find_spec("nilearn").origin).parent
    image = nibabel.as_closest_canonical(nibabel.load(package / SOURCE))
    voxels = numpy.asarray(image.dataobj)
    brain = voxels > 0
    voxels = numpy.where(brain, numpy.maximum(voxels.round(), 1), 0).astype(numpy.uint8)
    voxels = voxels[::STEP, ::STEP, ::STEP]
    affine = image.affine @ numpy.diag([STEP, STEP, STEP, 1])
    small = nibabel.Nifti1Image(voxels, affine)
    small.set_sform(affine, code="mni")
    small.set_qform(affine, code="mni")
    small.header.set_xyzt_units("mm")
    small.header["descrip"] = b"ICBM 2009a nonlinear symmetric T1, 2 mm; see NOTICE"
    TARGET.write_bytes(gzip.compress(small.to_bytes(), compresslevel=9, mtime=0))
    print(f"{TARGET.name}: {voxels.shape}, {TARGET.stat().st_size} bytes")
    print(affine)


if __name__ == "__main__":
    main()
