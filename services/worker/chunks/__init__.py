"""A chunk on its way through a worker: claimed, developed image by image, its results published."""
