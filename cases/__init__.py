"""What happens: orders, covers, service cases, appointments and their deadlines."""
