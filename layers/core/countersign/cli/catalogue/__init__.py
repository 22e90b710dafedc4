"""Commands that show what there is: providers, kinds, and the schema of the pipeline file."""
