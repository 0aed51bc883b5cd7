"""What people at a node do so that goods leave: pick, pack and ship what orders were given."""
