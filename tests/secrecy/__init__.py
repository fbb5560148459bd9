"""Nothing that tells who reported is found anywhere in clear."""
