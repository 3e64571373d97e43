"""What has to hold, one module for each family of facts, and the walk over all tenants that asks for it.

To check the facts of another feature, write a module like `standing` or `feed` with a `FAMILY` of its own (its kinds,
functions over one claim, statements over rows) and put it into `families.FAMILIES`. What a claim owns, its log, its
state, its texts and its foreign keys are checked already: they are compared as a whole.
"""
