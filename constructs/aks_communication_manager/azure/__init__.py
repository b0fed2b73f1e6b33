"""Checks of clusters, deployed resources and scheduled events in Azure. Read only."""
