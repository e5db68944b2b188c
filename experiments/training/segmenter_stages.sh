#!/bin/sh
# The stages that made semantic/weights/segmenter.safetensors, from random initialisation.
#
#   SHARED=../shared OUT=out sh experiments/training/segmenter_stages.sh
#
# About five hours on one free core. The shipped weights were trained on a shared, busy core: there the learning rate ran
# over minutes (--minutes), and the stages were ended after the steps given here. A rerun repeats the kind, not the bits.
# make_pseudo_labels.py needs the package ai-edge-litert besides the extra `train`.
set -eu
SHARED=${SHARED:-../shared}
OUT=${OUT:-out}
PYTHON=${PYTHON:-.venv/bin/python}
HERE=experiments/training
export OMP_NUM_THREADS=1
train() { $PYTHON $HERE/train_segmenter.py --shared "$SHARED" --pseudo "$OUT/pseudo_voc" "$@"; }
label() { $PYTHON $HERE/make_self_labels.py --shared "$SHARED" --pseudo "$OUT/pseudo_voc" "$@"; }

$PYTHON $HERE/make_pseudo_labels.py --shared "$SHARED" --out "$OUT/pseudo_voc"

# 1 to 3: short, at full size; 4: at a quarter to 0.9 of the working size of 512, which learned much faster
train --out "$OUT/stage1" --steps 1000 --batch 12 --crop 256 --peak-lr 1.5e-3 --dropout 0 --seed 1
train --out "$OUT/stage2" --steps 2000 --crop 160 --zoom 0.4 1.4 --peak-lr 1.5e-3 --dropout 0 --seed 2 \
    --start "$OUT/stage1/segmenter.safetensors"
train --out "$OUT/stage3" --steps 2000 --crop 160 --zoom 0.4 1.4 --peak-lr 5e-4 --dropout 0 --seed 3 \
    --start "$OUT/stage2/segmenter.safetensors"
train --out "$OUT/stage4" --steps 9000 --batch 12 --crop 128 --zoom 0.25 0.9 --peak-lr 8e-4 --dropout 0 --seed 4 \
    --start "$OUT/stage3/segmenter.safetensors"

# 5 and 6: with stuff named by the stage before and by captions
label --weights "$OUT/stage4/segmenter.safetensors" --out "$OUT/self_labels_5"
train --out "$OUT/stage5" --steps 6000 --batch 12 --crop 128 --zoom 0.25 0.9 --peak-lr 6e-4 --dropout 0 --seed 5 \
    --self-labels "$OUT/self_labels_5" --start "$OUT/stage4/segmenter.safetensors"
label --weights "$OUT/stage5/segmenter.safetensors" --out "$OUT/self_labels_6"
train --out "$OUT/stage6" --steps 10000 --batch 12 --crop 160 --zoom 0.25 1.1 --peak-lr 7e-4 --dropout 0.1 --seed 6 \
    --self-labels "$OUT/self_labels_6" --start "$OUT/stage5/segmenter.safetensors"

# 7: once more with fresh noise and half the dropout; ended after 14425 steps
train --out "$OUT/stage7" --steps 14425 --batch 12 --crop 160 --zoom 0.25 1.1 --peak-lr 7e-4 --dropout 0.05 --seed 7 \
    --self-labels "$OUT/self_labels_6" --start "$OUT/stage6/segmenter.safetensors"
# 8 and 9: longer, more streets, rare categories weighed higher; stage 10 starts from the mean of both
train --out "$OUT/stage8" --steps 14319 --batch 12 --crop 224 --zoom 0.3 1.5 --camvid-share 0.35 --balance 0.4 \
    --peak-lr 7e-4 --dropout 0.1 --seed 8 --self-labels "$OUT/self_labels_6" --start "$OUT/stage7/segmenter.safetensors"
label --weights "$OUT/stage8/segmenter.safetensors" --out "$OUT/self_labels_9"
train --out "$OUT/stage9" --steps 10524 --batch 12 --crop 224 --zoom 0.3 1.5 --camvid-share 0.35 --balance 0.45 \
    --peak-lr 7e-4 --dropout 0.1 --seed 9 --self-labels "$OUT/self_labels_9" --start "$OUT/stage8/segmenter.safetensors"
$PYTHON $HERE/average_weights.py "$OUT/stage8/segmenter.safetensors" "$OUT/stage9/segmenter.safetensors" \
    "$OUT/stages_8_9.safetensors"

# 10: larger crops, still more streets
train --out "$OUT/stage10" --steps 10650 --batch 10 --crop 256 --zoom 0.5 1.8 --camvid-share 0.45 --balance 0.5 \
    --peak-lr 6e-4 --dropout 0.05 --seed 14 --self-labels "$OUT/self_labels_9" --start "$OUT/stages_8_9.safetensors"
cp "$OUT/stage10/segmenter.safetensors" semantic/weights/segmenter.safetensors

# The eyes for rivals' pictures
train --out "$OUT/degraded" --steps 4500 --batch 12 --crop 192 --zoom 0.3 1.6 --camvid-share 0.4 --balance 0.5 \
    --peak-lr 4e-4 --dropout 0.05 --degraded 0.85 --seed 15 --self-labels "$OUT/self_labels_9" \
    --start "$OUT/stage10/segmenter.safetensors"
cp "$OUT/degraded/segmenter.safetensors" semantic/weights/segmenter_degraded.safetensors
