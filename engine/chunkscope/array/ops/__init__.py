"""The operations of arrays, from expressions to expressions, in files named after the array API standard's sections."""
