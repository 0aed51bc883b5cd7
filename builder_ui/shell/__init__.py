"""The frame around every page: layout, components, assets, navigation, formats and error pages."""
