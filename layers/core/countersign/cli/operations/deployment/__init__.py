"""What commands have done with what a deployment has beside its pipelines' work."""
