"""What every process runs on: lifecycle, health, HTTP, logs, settings and the clock."""
