"""The public names of `chunkscope.array`, as plain text: importing the package costs no more than reading them."""

__all__ = ["CONSTANTS", "DTYPES", "ELEMENTWISE", "REDUCTIONS", "UFUNCS", "WRITTEN"]

WRITTEN = (
    "arange", "array", "asanyarray", "asarray", "astype", "atleast_1d", "atleast_2d", "broadcast_arrays",
    "broadcast_to", "concatenate", "divmod", "dot", "dstack", "empty", "empty_like", "expand_dims", "eye",
    "flip", "fliplr", "flipud", "from_array", "full", "full_like", "hstack", "linspace", "map_blocks", "matmul",
    "moveaxis", "ndim", "ones", "ones_like", "outer", "ravel", "rechunk", "reshape", "result_type", "roll",
    "shape", "squeeze", "stack", "swapaxes", "tensordot", "transpose", "vdot", "vstack", "zeros", "zeros_like",
)  # fmt: skip
"""Functions that `functions.py` spells out."""

UFUNCS = (
    "abs", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "cbrt", "ceil", "conj", "conjugate", "copysign",
    "cos", "cosh", "deg2rad", "degrees", "divide", "equal", "exp", "exp2", "expm1", "fabs", "float_power",
    "floor", "floor_divide", "fmax", "fmin", "fmod", "gcd", "greater", "greater_equal", "heaviside", "hypot",
    "invert", "isfinite", "isinf", "isnan", "lcm", "ldexp", "left_shift", "less", "less_equal", "log", "log10",
    "log1p", "log2", "logaddexp", "logaddexp2", "logical_and", "logical_not", "logical_or", "logical_xor",
    "maximum", "minimum", "mod", "multiply", "negative", "nextafter", "not_equal", "positive", "power",
    "rad2deg", "radians", "reciprocal", "remainder", "right_shift", "rint", "sign", "signbit", "sin", "sinh",
    "spacing", "sqrt", "square", "subtract", "tan", "tanh", "true_divide", "trunc",
)  # fmt: skip
"""Every ufunc with one output, by the names that NumPy gives it."""

ELEMENTWISE = (
    "angle", "around", "clip", "fix", "i0", "imag", "isclose", "iscomplex", "isneginf", "isposinf", "isreal",
    "nan_to_num", "real", "round", "sinc", "where",
)  # fmt: skip
"""Element-wise functions of NumPy that are no ufuncs."""

REDUCTIONS = (
    "sum", "prod", "min", "max", "any", "all", "mean", "var", "std", "argmin", "argmax", "nansum", "nanprod",
    "nanmin", "nanmax", "nanmean", "nanvar", "nanstd", "nanargmin", "nanargmax", "count_nonzero", "ptp",
)  # fmt: skip
"""Every reduction, by NumPy's name."""

CONSTANTS = (
    "e", "euler_gamma", "inf", "nan", "newaxis", "pi",
)  # fmt: skip
"""NumPy's constants."""

DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
    "float64", "complex64", "complex128",
)  # fmt: skip
"""NumPy's number types."""
