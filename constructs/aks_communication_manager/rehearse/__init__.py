"""What alert rules would do with given events: who is notified of what, and when.

It reads Terraform's JSON and runs each rule's own query, so it serves for any scheduled query rule over Azure Resource
Graph. Importing it loads neither DuckDB nor the KQL translator.
"""
