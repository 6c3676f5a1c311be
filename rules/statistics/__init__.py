"""The statistics that rules share: robust, aware of autocorrelation, and each a plain function of arrays.

All functions take finite float64 arrays in order of steps and never raise on short or constant input; where a
quantity is undefined they return NaN, which no threshold exceeds.
"""
