#pragma once
// The part of LibTorch that this folder uses: tensors, operations, gradients. All of
// <torch/torch.h> takes twice the time to read.

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>
#include <torch/types.h>
