"""Who Echo is: manifest, identity, bond. Pure values; knows no store and no model."""
