"""What a span of days was like. Reads memory, writes only the insight.json of a day."""
