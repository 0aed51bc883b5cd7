"""What members are told of without having looked: kept for a while, read or not."""
