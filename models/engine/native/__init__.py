"""llama.cpp's C functions: the library, and three small classes: model, context, sampler.

With `models/engine/llama.py` and `models/engine/gpus.py` the only door to `llama_cpp`. The high-level `Llama`
class is not used: it keeps a scores array of n_batch x n_vocab floats and cannot stop while it reads; these
functions need neither.
"""
