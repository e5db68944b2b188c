"""How near a reconstruction comes. In: two pictures or maps. Out: numbers."""
