"""The Thimble window: Qt adapters of the engine's light half."""
