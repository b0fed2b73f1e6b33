"""What Azure says of clusters, of what is deployed and of scheduled events: read only, nothing is ever written."""
