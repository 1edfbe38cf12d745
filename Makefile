# make demo       the reference analysis on a cohort the program makes itself, into demo/
# make test       every test
# make lint       formatting and the release build's warnings
# make benchmark  Covey beside nilearn, the tfce package and MRtrix3, in one run
# make calibrate  error rates under the null (slow)
# make docs       the library's documentation as a web page

SHELL := /bin/bash
COVEY := .build/release/covey

.PHONY: all setup build demo test lint format benchmark calibrate docs clean

all: build

setup:
	@Scripts/setup.sh

build: setup
	@swift build -c release --product covey

demo: build
	@rm -rf demo && mkdir demo
	$(COVEY) cohort synthesize --out demo/cohort
	$(COVEY) analyze demo/cohort/participants.tsv --model '~ fluency' --rename pseudo=fluency --drop-missing \
	    --smoothing-fwhm 5 --contrast fluency --tail greater --fdr 0.05 --bonferroni 0.1 \
	    --n-perm 1000 --exchange permute --seed 42 --cuts-mm 10,-5,10 --out demo/results
	@echo && echo "Look at demo/results/figures/*.png; the maps and tables lie beside them in demo/results."

test: setup
	@swift test --parallel

lint: setup
	@swift format lint --strict --recursive Package.swift Sources Tests Examples
	@Scripts/build-without-warnings.sh

format:
	@swift format --in-place --recursive Package.swift Sources Tests Examples

benchmark: build
	@Scripts/benchmark.sh

calibrate: setup
	@swift build -c release --product CoveyCalibration
	@.build/release/CoveyCalibration

docs: setup
	@Scripts/docs.sh

clean:
	@rm -rf .build demo
