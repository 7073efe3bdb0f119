"""What people agree to, what is kept of them and how long, and how it is taken away or along."""
