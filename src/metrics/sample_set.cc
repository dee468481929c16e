#include "metrics/sample_set.h"
