#include "metrics/family_text.h"
