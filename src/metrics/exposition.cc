#include "metrics/exposition.h"
