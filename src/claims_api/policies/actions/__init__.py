"""What can be done with the law and the standard: resolve, answer, pin, count, check and compare."""
