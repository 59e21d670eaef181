"""Long work over many pictures: generators that can be cancelled."""
