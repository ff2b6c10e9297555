"""What the README's numbers come from. Development only: nothing in echo/ may import it."""
