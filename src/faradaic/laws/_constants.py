"""Physical constants of the laws (CODATA 2018, exact or to the digits given) and the reference temperature."""

GAS_CONSTANT = 8.314462618  # J/(mol K)
FARADAY = 96485.33212  # C/mol
REFERENCE_TEMPERATURE = 298.15  # K, 25 °C
