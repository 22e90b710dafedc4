"""The command line over the API: calls, pages, and problems as errors of ours."""
