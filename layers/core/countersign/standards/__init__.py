"""Wire formats that are read and written: signatures, amounts, decimals."""
