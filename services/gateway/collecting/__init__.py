"""What people take home of a batch: pages of images, archives, contact sheets, near duplicates."""
