#include "metrics/fragment.h"
