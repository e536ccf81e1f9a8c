"""Real, broken and hostile image files of others through the engine, in a capped child."""
