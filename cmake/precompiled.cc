// Carries precompiled headers: see BarazaPrecompiled.cmake.
